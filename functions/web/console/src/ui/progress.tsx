/** How much is done, in a bar with a name. */
export function Progress({ value, max, label }: { value: number; max: number; label: string }) {
  return (
    <progress value={max ? Math.min(value, max) : 0} max={max || 1} aria-label={label}>
      {value} / {max}
    </progress>
  );
}
