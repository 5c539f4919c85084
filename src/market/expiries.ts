import type { OrderRecord } from "./engine.js";

/** Which orders leave the book when: a heap by time. Orders that have left are dropped when their time comes. */
export class Expiries {
  readonly #heap: OrderRecord[] = [];

  add(record: OrderRecord): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(record);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || above.order.leavesAt <= record.order.leavesAt) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = record;
  }

  /** Open orders whose time has come, the earliest first: again each time, until they have left. @param at Unix milliseconds */
  take(at: number): OrderRecord[] {
    const due: OrderRecord[] = [];
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined || first.order.leavesAt * 1_000 > at) break;
      this.#removeFirst();
      if (first.status === "open") due.push(first);
    }
    for (const record of due) this.add(record);
    return due;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const smaller =
        (heap[left + 1]?.order.leavesAt ?? Infinity) < (heap[left]?.order.leavesAt ?? Infinity) ? left + 1 : left;
      const below = heap[smaller];
      if (below === undefined || below.order.leavesAt >= last.order.leavesAt) break;
      heap[place] = below;
      place = smaller;
    }
    heap[place] = last;
  }
}
