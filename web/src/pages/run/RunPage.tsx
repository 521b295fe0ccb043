export default function RunPage() {
  return <main className="page" />;
}
