export function ComponentsPage() {
  return <p>…</p>;
}
