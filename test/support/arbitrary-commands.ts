import fc from "fast-check";

import type { Command, HostReason, SelfTradePrevention, Side, TimeInForce } from "../../src/matching/types.js";

/** Few prices and few owners, so that orders meet. */
const side = fc.constantFrom<Side>("buy", "sell");
const price = fc.integer({ min: 96, max: 104 });
const owner = fc.integer({ min: 1, max: 4 });
const tonnes = fc.integer({ min: 1, max: 20 });
const reason = fc.constantFrom<HostReason | undefined>(undefined, "requested", "expired", "suspended", "unfunded");
const timeInForce = fc.constantFrom<TimeInForce | undefined>(undefined, "gtc", "day", "gtd", "ioc", "fok");
const selfTradePrevention = fc.constantFrom<SelfTradePrevention | undefined>(
  ...[undefined, "cancel-incoming" as const, "cancel-resting" as const, "cancel-both" as const],
);
/** An earlier order, counted back from the newest; now and then one that does not exist. */
const back = fc.integer({ min: -1, max: 40 });
const minimum = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 21 }) },
);
const postOnly = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });

type Draft = (id: number) => Command;

const place: fc.Arbitrary<Draft> = fc
  .record({ owner, side, price, tonnes, minimum, postOnly, timeInForce, selfTradePrevention })
  .map(({ minimum: minimumTonnes, timeInForce, selfTradePrevention, ...rest }) => (id) => ({
    kind: "place",
    id,
    ...rest,
    minimumTonnes,
    ...(timeInForce === undefined ? {} : { timeInForce }),
    ...(selfTradePrevention === undefined ? {} : { selfTradePrevention }),
    type: timeInForce === "ioc" ? "market" : "limit",
  }));
/** Nothing but limit orders, so that the book fills. */
const plain: fc.Arbitrary<Draft> = fc
  .record({ owner, side, price, tonnes })
  .map((order) => (id) => ({ kind: "place", id, type: "limit", ...order }));
const offer: fc.Arbitrary<Draft> = fc
  .record({ owner, side, price, tonnes, minimumTonnes: minimum })
  .map((order) => (id) => ({ kind: "offer", id, ...order }));
const selectOf = (back: fc.Arbitrary<number>): fc.Arbitrary<Draft> =>
  fc
    .record({ owner, side, price, tonnes, back })
    .map(({ back, ...order }) => (id) => ({ kind: "select", id, target: id - 1 - back, ...order }));
/** A firm order and three that want it. */
const putThrough: fc.Arbitrary<Draft[]> = fc.tuple(
  offer,
  ...[0, 1, 2].map((commandsSince) => selectOf(fc.constant(commandsSince))),
);
const cancel: fc.Arbitrary<Draft> = fc.record({ back, reason }).map(({ back, reason }) => (id) => ({
  kind: "cancel",
  id: id - 1 - back,
  ...(reason === undefined ? {} : { reason }),
}));
const cancelOwner: fc.Arbitrary<Draft> = fc
  .record({ owner, side: fc.option(side, { nil: undefined }), reason })
  .map(({ owner, side, reason }) => () => ({
    kind: "cancel-owner",
    owner,
    ...(side === undefined ? {} : { side }),
    ...(reason === undefined ? {} : { reason }),
  }));
const broken = fc.constantFrom(0, -1, 1.5, NaN, Infinity, 2 ** 53);
const malformed: fc.Arbitrary<Draft> = fc
  .tuple(plain, fc.constantFrom("id", "owner", "price", "tonnes", "minimumTonnes"), broken)
  .map(([draft, field, value]) => (id) => ({ ...draft(id), [field]: value }));

/** Commands of all kinds, with ids that count up; a few with numbers that no order can have. */
export const commandsArbitrary: fc.Arbitrary<Command[]> = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: fc.tuple(place) },
      { weight: 10, arbitrary: fc.tuple(plain) },
      { weight: 2, arbitrary: putThrough },
      { weight: 1, arbitrary: fc.tuple(offer) },
      { weight: 1, arbitrary: fc.tuple(selectOf(back)) },
      { weight: 6, arbitrary: fc.tuple(cancel) },
      { weight: 1, arbitrary: fc.tuple(cancelOwner) },
      { weight: 1, arbitrary: fc.tuple(malformed) },
    ),
    { maxLength: 100, size: "max" },
  )
  .map((drafts) => drafts.flat().map((draft, index) => draft(index + 1)));
