import { beforeEach, describe, expect, it } from "vitest";

import { deployExchange } from "../../support/exchange.js";

const stage = await deployExchange();
const { exchange, parts, unlisted, batchId, expectError } = stage;
const asRegistrar = exchange.connect(parts.registrar1);

beforeEach(() => stage.reset());

describe("listInstrument", () => {
  it.each([1n, 2n])("should make a batch tradable as kind %i", async (kind) => {
    const events = await stage.emitted(asRegistrar.listInstrument(unlisted, kind));

    expect(events.map(({ name, args }) => [name, ...args])).toEqual([["InstrumentListed", unlisted, kind]]);
    expect(await exchange.instrumentKind(unlisted)).toBe(kind);
  });

  it("should refuse a batch that is listed", async () => {
    await expectError(asRegistrar.listInstrument(batchId, 2), "ExchangeInstrumentListed", [batchId]);
  });

  it("should refuse no kind, and a batch that was not issued", async () => {
    await expectError(asRegistrar.listInstrument(unlisted, 0), "ExchangeInstrumentInvalid", [unlisted, 0n]);
    await expectError(asRegistrar.listInstrument(0, 1), "ExchangeInstrumentInvalid", [0n, 1n]);
    await expectError(asRegistrar.listInstrument(12_345, 1), "ExchangeInstrumentInvalid", [12_345n, 1n]);
  });

  it("should be the registrar's alone", async () => {
    const asOperator = exchange.connect(parts.operator);

    await expectError(asOperator.listInstrument(unlisted, 1), "AccessManagedUnauthorized", [parts.operator.address]);
  });
});
