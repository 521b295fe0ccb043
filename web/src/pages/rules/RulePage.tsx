export default function RulePage() {
  return <main className="page" />;
}
