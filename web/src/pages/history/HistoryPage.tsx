export default function HistoryPage() {
  return <main className="page" />;
}
