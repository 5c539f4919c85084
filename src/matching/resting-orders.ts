import { IntegerTable } from "./integer-table.js";
import { PriceLadder } from "./price-ladder.js";
import { NUMBERS, Records, WORDS } from "./records.js";
import { MAX_ORDERS, type Side } from "./types.js";

/** Fields of an order, as numbers and as words of its record. */
const ID = 0;
const TONNES = 1;
const NEXT = 4;
const PREVIOUS = 5;
const OWNERS_NEXT = 6;
const OWNERS_PREVIOUS = 7;
const LEVEL = 8;
const QUEUE = 9;

/** Fields of a price level. */
const PRICE = 0;
const SUM = 1;
const HEAD = 4;
const TAIL = 5;
const COUNT = 6;
const SIDE = 7;

/** Fields of an owner's queue: all its orders of one side. */
const OWNER = 0;
const FIRST = 2;
const LAST = 3;

const BUY = 0;
const SELL = 1;

const EXPECTED_LEVELS = 64;
const EXPECTED_OWNERS = 64;

/**
 * Orders at rest, by price and time, by id, and by owner. Orders and levels are numbers of records; 0 is none. Adding, reducing and removing
 * take the same few steps however many orders there are; only a price that nobody stands at yet costs a search among the prices.
 */
export class RestingOrders {
  private readonly orders: Records;
  private readonly levels = new Records(EXPECTED_LEVELS);
  private readonly queues = new Records(EXPECTED_OWNERS);
  private readonly byId: IntegerTable;
  /** By side, then by owner. */
  private readonly queueOf = [new IntegerTable(EXPECTED_OWNERS), new IntegerTable(EXPECTED_OWNERS)] as const;
  private readonly ladders = [new PriceLadder(), new PriceLadder()] as const;
  count = 0;

  /** @param expected how many orders it will hold without growing */
  constructor(expected: number) {
    this.orders = new Records(expected);
    this.byId = new IntegerTable(expected);
  }

  /** @returns false when the book, or the level, can hold no more; then nothing has changed */
  add(id: number, owner: number, side: Side, price: number, tonnes: number): boolean {
    if (this.count === MAX_ORDERS) return false;
    const level = this.levelFor(side, price);
    const numbers = this.levels.numbers;
    const sum = (numbers[level * NUMBERS + SUM] as number) + tonnes;
    if (sum > Number.MAX_SAFE_INTEGER) return false;
    numbers[level * NUMBERS + SUM] = sum;

    const order = this.orders.take();
    this.orders.numbers[order * NUMBERS + ID] = id;
    this.orders.numbers[order * NUMBERS + TONNES] = tonnes;
    this.appendToLevel(level, order);
    this.appendToQueue(this.queueFor(side, owner), order);
    this.byId.add(id, order);
    this.count += 1;
    return true;
  }

  /** Takes tonnes off an order that keeps some. It keeps its place. */
  reduce(order: number, tonnes: number): void {
    const { numbers } = this.orders;
    numbers[order * NUMBERS + TONNES] = (numbers[order * NUMBERS + TONNES] as number) - tonnes;
    const sum = this.levelOf(order) * NUMBERS + SUM;
    this.levels.numbers[sum] = (this.levels.numbers[sum] as number) - tonnes;
  }

  remove(order: number): void {
    this.byId.delete(this.id(order));
    this.detachFromQueue(order);
    this.detachFromLevel(order);
    this.orders.giveBack(order);
    this.count -= 1;
  }

  find(id: number): number {
    return this.byId.get(id);
  }

  id(order: number): number {
    return this.orders.numbers[order * NUMBERS + ID] as number;
  }

  tonnes(order: number): number {
    return this.orders.numbers[order * NUMBERS + TONNES] as number;
  }

  levelOf(order: number): number {
    return this.orders.words[order * WORDS + LEVEL] as number;
  }

  owner(order: number): number {
    return this.queues.numbers[(this.orders.words[order * WORDS + QUEUE] as number) * NUMBERS + OWNER] as number;
  }

  /** The next in time at the same price. */
  next(order: number): number {
    return this.orders.words[order * WORDS + NEXT] as number;
  }

  best(side: Side): number {
    return this.ladders[side === "buy" ? BUY : SELL].best;
  }

  levelAt(side: Side, price: number): number {
    return side === "buy" ? this.ladders[BUY].find(price) : this.ladders[SELL].find(-price);
  }

  /** Best first, until the visitor says true. */
  visitLevels(side: Side, visitor: (level: number) => boolean): void {
    this.ladders[side === "buy" ? BUY : SELL].visit(visitor);
  }

  price(level: number): number {
    return this.levels.numbers[level * NUMBERS + PRICE] as number;
  }

  side(level: number): Side {
    return this.levels.words[level * WORDS + SIDE] === BUY ? "buy" : "sell";
  }

  levelTonnes(level: number): number {
    return this.levels.numbers[level * NUMBERS + SUM] as number;
  }

  levelCount(level: number): number {
    return this.levels.words[level * WORDS + COUNT] as number;
  }

  /** The first in time at this price. */
  head(level: number): number {
    return this.levels.words[level * WORDS + HEAD] as number;
  }

  /** The owner's first in time on this side. */
  ownersFirst(owner: number, side: Side): number {
    const queue = this.queueOf[side === "buy" ? BUY : SELL].get(owner);
    return queue === 0 ? 0 : (this.queues.words[queue * WORDS + FIRST] as number);
  }

  private levelFor(side: Side, price: number): number {
    const ladder = this.ladders[side === "buy" ? BUY : SELL];
    const rank = side === "buy" ? price : -price;
    const found = ladder.find(rank);
    if (found !== 0) return found;
    const level = this.levels.take();
    const { numbers, words } = this.levels;
    numbers[level * NUMBERS + PRICE] = price;
    numbers[level * NUMBERS + SUM] = 0;
    words[level * WORDS + HEAD] = 0;
    words[level * WORDS + TAIL] = 0;
    words[level * WORDS + COUNT] = 0;
    words[level * WORDS + SIDE] = side === "buy" ? BUY : SELL;
    ladder.add(rank, level);
    return level;
  }

  private queueFor(side: Side, owner: number): number {
    const table = this.queueOf[side === "buy" ? BUY : SELL];
    const found = table.get(owner);
    if (found !== 0) return found;
    const queue = this.queues.take();
    this.queues.numbers[queue * NUMBERS + OWNER] = owner;
    this.queues.words[queue * WORDS + FIRST] = 0;
    this.queues.words[queue * WORDS + LAST] = 0;
    table.add(owner, queue);
    return queue;
  }

  private appendToLevel(level: number, order: number): void {
    const { words } = this.orders;
    const levels = this.levels.words;
    const tail = levels[level * WORDS + TAIL] as number;
    words[order * WORDS + LEVEL] = level;
    words[order * WORDS + NEXT] = 0;
    words[order * WORDS + PREVIOUS] = tail;
    if (tail === 0) levels[level * WORDS + HEAD] = order;
    else words[tail * WORDS + NEXT] = order;
    levels[level * WORDS + TAIL] = order;
    levels[level * WORDS + COUNT] = (levels[level * WORDS + COUNT] as number) + 1;
  }

  private detachFromLevel(order: number): void {
    const { words } = this.orders;
    const levels = this.levels.words;
    const level = words[order * WORDS + LEVEL] as number;
    const next = words[order * WORDS + NEXT] as number;
    const previous = words[order * WORDS + PREVIOUS] as number;
    const count = (levels[level * WORDS + COUNT] as number) - 1;
    if (count === 0) {
      this.removeLevel(level);
      return;
    }
    if (previous === 0) levels[level * WORDS + HEAD] = next;
    else words[previous * WORDS + NEXT] = next;
    if (next === 0) levels[level * WORDS + TAIL] = previous;
    else words[next * WORDS + PREVIOUS] = previous;
    levels[level * WORDS + COUNT] = count;
    const sum = level * NUMBERS + SUM;
    this.levels.numbers[sum] = (this.levels.numbers[sum] as number) - this.tonnes(order);
  }

  private removeLevel(level: number): void {
    const price = this.price(level);
    if (this.side(level) === "buy") this.ladders[BUY].delete(price);
    else this.ladders[SELL].delete(-price);
    this.levels.giveBack(level);
  }

  private appendToQueue(queue: number, order: number): void {
    const { words } = this.orders;
    const queues = this.queues.words;
    const last = queues[queue * WORDS + LAST] as number;
    words[order * WORDS + QUEUE] = queue;
    words[order * WORDS + OWNERS_NEXT] = 0;
    words[order * WORDS + OWNERS_PREVIOUS] = last;
    if (last === 0) queues[queue * WORDS + FIRST] = order;
    else words[last * WORDS + OWNERS_NEXT] = order;
    queues[queue * WORDS + LAST] = order;
  }

  private detachFromQueue(order: number): void {
    const { words } = this.orders;
    const queues = this.queues.words;
    const queue = words[order * WORDS + QUEUE] as number;
    const next = words[order * WORDS + OWNERS_NEXT] as number;
    const previous = words[order * WORDS + OWNERS_PREVIOUS] as number;
    if (previous === 0) queues[queue * WORDS + FIRST] = next;
    else words[previous * WORDS + OWNERS_NEXT] = next;
    if (next === 0) queues[queue * WORDS + LAST] = previous;
    else words[next * WORDS + OWNERS_PREVIOUS] = previous;
  }
}
