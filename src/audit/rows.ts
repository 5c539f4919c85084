/** A line of a snapshot: what it is, and its cells. Numbers are decimal text. */
export type Row = readonly [tag: string, ...cells: string[]];
