-- What healthy runs have taught, one row per pipeline and graph version; it outlives the runs.
CREATE TABLE profiles (
    number        INTEGER PRIMARY KEY,
    pipeline_name TEXT NOT NULL,
    graph_version TEXT,
    runs          INTEGER NOT NULL,         -- how many have taught
    body          TEXT NOT NULL             -- JSON
);
CREATE INDEX profiles_by_pipeline ON profiles (pipeline_name, graph_version);
