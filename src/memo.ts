/**
 * A function that remembers what it answered: for pure functions that are asked for the same few things again and again.
 * @param kept So many answers are remembered; then it begins anew.
 */
export function remembering<Answer>(kept: number, compute: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, Answer>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const computed = compute(text);
    if (known.size >= kept) known.clear();
    known.set(text, computed);
    return computed;
  };
}
