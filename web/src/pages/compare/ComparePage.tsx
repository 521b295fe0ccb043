export default function ComparePage() {
  return <main className="page" />;
}
