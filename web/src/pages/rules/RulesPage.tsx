export default function RulesPage() {
  return <main className="page" />;
}
