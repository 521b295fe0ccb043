import { Link } from "@tanstack/react-router";
import { Empty, Failure } from "../parts/States";

export function Missing() {
  return (
    <main className="page">
      <Empty title="There is no page at this address." command="argus ui">
        <Link to="/runs" className="link">
          Go to the runs
        </Link>
      </Empty>
    </main>
  );
}

export function Broken({ error }: { readonly error: unknown }) {
  return (
    <main className="page">
      <Failure error={error} what="This page could not be drawn." retry={() => window.location.reload()} command="argus trace --list" />
    </main>
  );
}
