export default function ReplayPage() {
  return <main className="page" />;
}
