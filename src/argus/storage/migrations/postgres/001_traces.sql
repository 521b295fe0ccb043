-- What ARGUS stores. These four relations are promised, with the columns named here, to any SQL client:
--   traces       id, created_at, pipeline_name, status, duration_ms, node_count, detection_count, metadata
--   trace_steps  id, trace_id, step_number, node_name, input_state, output_state, duration_ms, timestamp, metadata
--   detections   id, trace_id, step_id, layer, severity, message, details, created_at
--   forensics    id, trace_id, root_cause_step, detection_ids, explanation, causal_chain, created_at
-- trace_steps is a view; trace_calls is a second one, with the tools and models called. The other tables are how
-- the views are kept small, and may change.
--
-- NUL and lone surrogates in text are written as U+001A and four hex digits. Structured columns are json, not jsonb:
-- jsonb would reorder keys and drop digits. Text sorts by code point, whatever the locale of the database.
-- A trace has a number; its steps, values and calls are ranked within it.
-- Names and ids may be longer than an index entry can be, so that indexes look at their beginnings.

CREATE SEQUENCE trace_numbers;

CREATE TABLE graphs (
    number  bigint PRIMARY KEY,             -- a hash of the specification
    name    text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    spec    text NOT NULL
);

CREATE TABLE traces (
    id              text COLLATE "C" NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL,
    pipeline_name   text COLLATE "C" NOT NULL,
    status          text COLLATE "C" NOT NULL,
    duration_ms     double precision,
    node_count      integer NOT NULL,
    detection_count integer NOT NULL,
    step_count      integer NOT NULL,
    summary         text COLLATE "C" NOT NULL,
    graph_version   text COLLATE "C",
    graph           bigint,                 -- graphs.number
    metadata        json NOT NULL,
    error           json,
    input_refs      text,                   -- a reference object, a rank in trace_values, or null
    output_refs     text,
    search_text     text COLLATE "C" NOT NULL, -- what a listing's text condition looks at, case folded
    number          bigint PRIMARY KEY
);
CREATE INDEX traces_by_time ON traces (created_at, id);
CREATE INDEX traces_by_pipeline ON traces ("left"(pipeline_name, 100), created_at, id);
CREATE INDEX traces_by_status ON traces (status, created_at, id);
CREATE INDEX healthy_traces ON traces ("left"(pipeline_name, 100), "left"(graph_version, 100), created_at)
    WHERE status = 'ok';

CREATE TABLE steps (
    trace       bigint NOT NULL,            -- traces.number
    rank        integer NOT NULL,
    id          text COLLATE "C" NOT NULL,  -- empty: the trace's id, "-s" and the step's number
    step_number bigint NOT NULL,
    node_name   text COLLATE "C" NOT NULL,
    started_us  bigint NOT NULL,            -- microseconds since 1970
    duration_ms double precision,
    cpu_ms      double precision,
    outcome     text COLLATE "C" NOT NULL,
    attempt     bigint NOT NULL,
    parent_id   text COLLATE "C" NOT NULL,  -- empty: none; a lone U+001A: empty text
    input_refs  text NOT NULL,              -- reference objects, see value_json
    output_refs text NOT NULL,
    after_refs  text NOT NULL,              -- empty: what the following step was given
    metadata    json NOT NULL,
    error       text NOT NULL,              -- JSON; empty: none
    token_usage text NOT NULL,              -- JSON; empty: none
    PRIMARY KEY (trace, rank)
);

-- Values, each stored once per trace; value_json turns a row of kind 0, 1 or 2 into JSON.
CREATE TABLE trace_values (
    trace bigint NOT NULL,
    rank  integer NOT NULL,
    kind  smallint NOT NULL,                -- 0 JSON, 1 list as runs of rows, 2 object as references, 3 items of a list
    body  text NOT NULL,
    PRIMARY KEY (trace, rank)
);

-- What ran inside steps. The steps and values are given by their rank.
CREATE TABLE calls (
    trace bigint NOT NULL,
    rank  integer NOT NULL,
    step  integer NOT NULL,
    kind  text COLLATE "C" NOT NULL,        -- tool, llm
    name  text COLLATE "C",
    given integer,                          -- a tool's arguments, a model's messages
    gave  integer,                          -- a tool's result, a model's response
    facts json NOT NULL,
    PRIMARY KEY (trace, rank)
);

-- Which node of which pipeline a measurement belongs to; the number is a hash of the three.
CREATE TABLE series (
    number        bigint PRIMARY KEY,
    pipeline_name text COLLATE "C" NOT NULL,
    graph_version text COLLATE "C",
    node_name     text COLLATE "C" NOT NULL
);
CREATE INDEX series_by_node ON series ("left"(node_name, 100));

-- One row per step, in the order in which history is read.
CREATE TABLE measurements (
    series         bigint NOT NULL,
    healthy        boolean NOT NULL,        -- whether the run's status is ok
    created_us     bigint NOT NULL,         -- when the run started, microseconds since 1970
    trace          bigint NOT NULL,
    rank           integer NOT NULL,        -- of the step
    execution_time double precision NOT NULL, -- -1 in this and the following columns: says nothing
    output_length  bigint NOT NULL,
    token_count    bigint NOT NULL,
    retry_count    bigint NOT NULL,         -- of the run; only at the node's last step
    PRIMARY KEY (series, healthy, created_us, trace, rank)
);
CREATE INDEX measurements_by_trace ON measurements (trace);

CREATE TABLE detections (
    id         text COLLATE "C" NOT NULL,
    trace_id   text COLLATE "C" NOT NULL,
    step_id    text COLLATE "C" NOT NULL,
    layer      text COLLATE "C" NOT NULL,
    severity   text COLLATE "C" NOT NULL,
    message    text COLLATE "C" NOT NULL,
    details    json NOT NULL,
    created_at timestamptz NOT NULL,        -- when the run started
    code       text COLLATE "C" NOT NULL,
    field      text COLLATE "C",
    confidence double precision,
    suppressed text COLLATE "C",            -- why configuration silences it
    evidence   json NOT NULL,
    trace      bigint NOT NULL,
    rank       integer NOT NULL,
    PRIMARY KEY (trace, rank)
);
CREATE INDEX detections_by_trace ON detections (trace_id);
CREATE INDEX detections_by_code ON detections ("left"(code, 100)); -- not partial: the planner learns from whole ones only
CREATE INDEX detections_by_severity ON detections (severity, created_at) WHERE suppressed IS NULL;

CREATE TABLE forensics (
    id              text COLLATE "C" NOT NULL,
    trace_id        text COLLATE "C" NOT NULL UNIQUE,
    root_cause_step text COLLATE "C",
    detection_ids   json NOT NULL,
    explanation     text COLLATE "C" NOT NULL,
    causal_chain    json NOT NULL,
    created_at      timestamptz NOT NULL,   -- when the run started
    confidence      double precision,
    proof           text COLLATE "C" NOT NULL,
    suspects        json NOT NULL,
    suggestions     json NOT NULL,
    trace           bigint PRIMARY KEY
);

-- What healthy runs have taught; it outlives the runs.
CREATE TABLE profiles (
    number        bigint PRIMARY KEY,       -- a hash of the following two
    pipeline_name text COLLATE "C" NOT NULL,
    graph_version text COLLATE "C",
    runs          bigint NOT NULL,          -- how many have taught
    body          text NOT NULL,            -- JSON
    place         bigint GENERATED ALWAYS AS IDENTITY
);

CREATE VIEW value_json AS
SELECT v.trace,
       v.rank,
       CASE v.kind
           WHEN 0 THEN v.body
           WHEN 1 THEN '[' || (
               SELECT string_agg(item.body, ',' ORDER BY run.place, item.rank)
               FROM json_array_elements(v.body::json) WITH ORDINALITY AS run (span, place)
                   JOIN trace_values AS item ON item.trace = v.trace
                       AND item.rank >= (run.span ->> 0)::integer AND item.rank < (run.span ->> 1)::integer
           ) || ']'
           WHEN 2 THEN '{' || (
               SELECT string_agg('"' || entry.key || '":' || item.body, ',' ORDER BY entry.place)
               FROM json_each_text(v.body::json) WITH ORDINALITY AS entry (key, value, place)
                   JOIN trace_values AS item ON item.trace = v.trace AND item.rank = entry.value::integer
           ) || '}'
       END AS json
FROM trace_values AS v;

CREATE VIEW trace_steps AS
SELECT CASE s.id WHEN '' THEN t.id || '-s' || s.step_number ELSE s.id END AS id,
       t.id AS trace_id,
       s.step_number,
       s.node_name,
       ('{' || coalesce((
           SELECT string_agg('"' || field.key || '":' || value.json, ',' ORDER BY field.place)
           FROM json_each_text(s.input_refs::json) WITH ORDINALITY AS field (key, value, place)
               JOIN value_json AS value ON value.trace = s.trace AND value.rank = field.value::integer
       ), '') || '}')::json AS input_state,
       ('{' || coalesce((
           SELECT string_agg('"' || field.key || '":' || value.json, ',' ORDER BY field.place)
           FROM json_each_text(s.output_refs::json) WITH ORDINALITY AS field (key, value, place)
               JOIN value_json AS value ON value.trace = s.trace AND value.rank = field.value::integer
       ), '') || '}')::json AS output_state,
       s.duration_ms,
       timestamptz 'epoch' + s.started_us * interval '1 microsecond' AS timestamp,
       s.metadata,
       ('{' || coalesce((
           SELECT string_agg('"' || field.key || '":' || value.json, ',' ORDER BY field.place)
           FROM json_each_text(coalesce(nullif(s.after_refs, ''), following.input_refs)::json)
                   WITH ORDINALITY AS field (key, value, place)
               JOIN value_json AS value ON value.trace = s.trace AND value.rank = field.value::integer
       ), '') || '}')::json AS state_after,
       s.cpu_ms,
       s.outcome,
       s.attempt,
       nullif(s.parent_id, '') AS parent_id,
       nullif(s.error, '')::json AS error,
       nullif(s.token_usage, '')::json AS token_usage
FROM traces AS t
    JOIN steps AS s ON s.trace = t.number
    LEFT JOIN steps AS following ON following.trace = s.trace AND following.rank = s.rank + 1;

CREATE VIEW trace_calls AS
SELECT t.id AS trace_id,
       s.step_number,
       s.node_name,
       c.kind,
       c.name,
       given.json::json AS given,
       gave.json::json AS gave,
       c.facts
FROM traces AS t
    JOIN calls AS c ON c.trace = t.number
    JOIN steps AS s ON s.trace = c.trace AND s.rank = c.step
    LEFT JOIN value_json AS given ON given.trace = c.trace AND given.rank = c.given
    LEFT JOIN value_json AS gave ON gave.trace = c.trace AND gave.rank = c.gave;
