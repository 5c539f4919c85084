/** What this database is about: see `bind.ts`. */
export interface MetaTables {
  meta: {
    key: string;
    value: string;
  };
}
