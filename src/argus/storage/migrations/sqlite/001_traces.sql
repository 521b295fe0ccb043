-- What ARGUS stores. These four relations are promised, with the columns named here, to any SQL client:
--   traces       id, created_at, pipeline_name, status, duration_ms, node_count, detection_count, metadata
--   trace_steps  id, trace_id, step_number, node_name, input_state, output_state, duration_ms, timestamp, metadata
--   detections   id, trace_id, step_id, layer, severity, message, details, created_at
--   forensics    id, trace_id, root_cause_step, detection_ids, explanation, causal_chain, created_at
-- trace_steps is a view; trace_calls is a second one, with the tools and models called. The other tables are how
-- the views are kept small, and may change.
--
-- Times are ISO 8601 UTC. NUL and lone surrogates in text are written as U+001A and four hex digits. A trace's steps
-- are found by trace_id; their ids are put together while reading, so a search by id alone looks at all steps.
-- A row that belongs to trace number N has a number from N<<24 up, so that the rows of a trace are neighbours.
-- In tables with many rows an empty text or -1 stands for nothing (and a lone U+001A for empty text): Python's driver is
-- slow at binding nulls.

PRAGMA application_id = 1095911251;

CREATE TABLE traces (
    id              TEXT NOT NULL UNIQUE,
    created_at      TEXT NOT NULL,
    pipeline_name   TEXT NOT NULL,
    status          TEXT NOT NULL,
    duration_ms     REAL,
    node_count      INTEGER NOT NULL,
    detection_count INTEGER NOT NULL,
    step_count      INTEGER NOT NULL,
    summary         TEXT NOT NULL,
    graph_version   TEXT,
    graph           INTEGER,                -- graphs.number
    metadata        TEXT NOT NULL,
    error           TEXT,
    input_refs      TEXT,                   -- a reference object, a number in trace_values, or null
    output_refs     TEXT,
    search_text     TEXT NOT NULL,          -- what a listing's text condition looks at, case folded
    number          INTEGER PRIMARY KEY
);
CREATE INDEX traces_by_time ON traces (created_at, id, status);
CREATE INDEX traces_by_pipeline ON traces (pipeline_name, created_at, id, status);
CREATE INDEX healthy_traces ON traces (pipeline_name, graph_version, created_at) WHERE status = 'ok';

CREATE TABLE graphs (
    number  INTEGER PRIMARY KEY,            -- a hash of the specification
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    spec    TEXT NOT NULL
);

CREATE TABLE steps (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL,              -- empty: the trace's id, "-s" and the step's number
    step_number INTEGER NOT NULL,
    node_name   TEXT NOT NULL,
    started_us  INTEGER NOT NULL,           -- microseconds since 1970
    duration_ms REAL,
    cpu_ms      REAL,
    outcome     TEXT NOT NULL,
    attempt     INTEGER NOT NULL,
    parent_id   TEXT NOT NULL,              -- empty: none
    input_refs  TEXT NOT NULL,              -- reference objects, see value_json
    output_refs TEXT NOT NULL,
    after_refs  TEXT NOT NULL,              -- empty: what the following step was given
    metadata    TEXT NOT NULL,
    error       TEXT NOT NULL,              -- empty: none
    token_usage TEXT NOT NULL               -- empty: none
);

-- Values, each stored once per trace; value_json turns a row of kind 0, 1 or 2 into JSON.
CREATE TABLE trace_values (
    number INTEGER PRIMARY KEY,
    kind   INTEGER NOT NULL,                -- 0 JSON, 1 list as runs of rows, 2 object as references, 3 items of a list
    body   TEXT NOT NULL
);

-- What ran inside steps. The steps and values are given by their rank within the trace.
CREATE TABLE calls (
    number INTEGER PRIMARY KEY,
    step   INTEGER NOT NULL,
    kind   TEXT NOT NULL,                   -- tool, llm
    name   TEXT,
    given  INTEGER,                         -- a tool's arguments, a model's messages
    gave   INTEGER,                         -- a tool's result, a model's response
    facts  TEXT NOT NULL
);

-- Which node of which pipeline a measurement belongs to.
CREATE TABLE series (
    number        INTEGER PRIMARY KEY,
    pipeline_name TEXT NOT NULL,
    graph_version TEXT,
    node_name     TEXT NOT NULL
);
CREATE INDEX series_by_node ON series (node_name, pipeline_name, graph_version);

-- One row per step, in the order in which history is read.
CREATE TABLE measurements (
    series         INTEGER NOT NULL,
    healthy        INTEGER NOT NULL,        -- whether the run's status is ok
    created_us     INTEGER NOT NULL,        -- when the run started
    step           INTEGER NOT NULL,        -- steps.number
    execution_time REAL NOT NULL,           -- -1 in this and the following columns: says nothing
    output_length  INTEGER NOT NULL,
    token_count    INTEGER NOT NULL,
    retry_count    INTEGER NOT NULL,        -- of the run; only at the node's last step
    PRIMARY KEY (series, healthy, created_us, step)
) WITHOUT ROWID;

CREATE TABLE detections (
    id         TEXT NOT NULL,
    trace_id   TEXT NOT NULL,
    step_id    TEXT NOT NULL,
    layer      TEXT NOT NULL,
    severity   TEXT NOT NULL,
    message    TEXT NOT NULL,
    details    TEXT NOT NULL,
    created_at TEXT NOT NULL,               -- when the run started
    code       TEXT NOT NULL,
    field      TEXT,
    confidence REAL,
    suppressed TEXT,                        -- why configuration silences it
    evidence   TEXT NOT NULL,
    number     INTEGER PRIMARY KEY
);
CREATE INDEX detections_by_trace ON detections (trace_id);
CREATE INDEX detections_by_code ON detections (code, created_at, suppressed);
CREATE INDEX detections_by_severity ON detections (severity, created_at, suppressed);

CREATE TABLE forensics (
    id              TEXT NOT NULL,
    trace_id        TEXT NOT NULL UNIQUE,
    root_cause_step TEXT,
    detection_ids   TEXT NOT NULL,
    explanation     TEXT NOT NULL,
    causal_chain    TEXT NOT NULL,
    created_at      TEXT NOT NULL,          -- when the run started
    confidence      REAL,
    proof           TEXT NOT NULL,
    suspects        TEXT NOT NULL,
    suggestions     TEXT NOT NULL,
    number          INTEGER PRIMARY KEY     -- traces.number
);

CREATE VIEW value_json AS
SELECT v.number,
       CASE v.kind
           WHEN 0 THEN v.body
           WHEN 1 THEN '[' || (
               SELECT group_concat(item.body)
               FROM json_each(v.body) AS run CROSS JOIN trace_values AS item
               WHERE item.number >= (v.number >> 24 << 24) + json_extract(run.value, '$[0]')
                 AND item.number < (v.number >> 24 << 24) + json_extract(run.value, '$[1]')
           ) || ']'
           WHEN 2 THEN '{' || (
               SELECT group_concat('"' || entry.key || '":' || item.body)
               FROM json_each(v.body) AS entry CROSS JOIN trace_values AS item
               WHERE item.number = (v.number >> 24 << 24) + entry.value
           ) || '}'
       END AS json
FROM trace_values AS v;

CREATE VIEW trace_steps AS
SELECT CASE s.id WHEN '' THEN t.id || '-s' || s.step_number ELSE s.id END AS id,
       t.id AS trace_id,
       s.step_number,
       s.node_name,
       '{' || coalesce((
           SELECT group_concat('"' || field.key || '":' || value.json)
           FROM json_each(s.input_refs) AS field CROSS JOIN value_json AS value
           WHERE value.number = (s.number >> 24 << 24) + field.value
       ), '') || '}' AS input_state,
       '{' || coalesce((
           SELECT group_concat('"' || field.key || '":' || value.json)
           FROM json_each(s.output_refs) AS field CROSS JOIN value_json AS value
           WHERE value.number = (s.number >> 24 << 24) + field.value
       ), '') || '}' AS output_state,
       s.duration_ms,
       strftime('%Y-%m-%dT%H:%M:%S', s.started_us / 1000000, 'unixepoch')
           || printf('.%06dZ', s.started_us % 1000000) AS timestamp,
       s.metadata,
       '{' || coalesce((
           SELECT group_concat('"' || field.key || '":' || value.json)
           FROM json_each(
                   CASE s.after_refs
                       WHEN '' THEN (SELECT following.input_refs FROM steps AS following WHERE following.number = s.number + 1)
                       ELSE s.after_refs
                   END
               ) AS field CROSS JOIN value_json AS value
           WHERE value.number = (s.number >> 24 << 24) + field.value
       ), '') || '}' AS state_after,
       s.cpu_ms,
       s.outcome,
       s.attempt,
       nullif(s.parent_id, '') AS parent_id,
       nullif(s.error, '') AS error,
       nullif(s.token_usage, '') AS token_usage
FROM traces AS t JOIN steps AS s ON s.number >= t.number << 24 AND s.number < (t.number + 1) << 24;

CREATE VIEW trace_calls AS
SELECT t.id AS trace_id,
       s.step_number,
       s.node_name,
       c.kind,
       c.name,
       (SELECT value.json FROM value_json AS value WHERE value.number = (t.number << 24) + c.given) AS given,
       (SELECT value.json FROM value_json AS value WHERE value.number = (t.number << 24) + c.gave) AS gave,
       c.facts
FROM traces AS t
    JOIN calls AS c ON c.number >= t.number << 24 AND c.number < (t.number + 1) << 24
    JOIN steps AS s ON s.number = (t.number << 24) + c.step;
