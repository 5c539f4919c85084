import { Interface, id, keccak256, toBeHex, toUtf8Bytes, type InterfaceAbi } from "ethers";

import { LEDGER_CONTRACTS, type LedgerContractName } from "../../src/chain/event-types.js";
import type { LedgerAddresses } from "../../src/chain/events.js";
import { BlockMissingError, type BlockHeader, type ChainSource, type RawLog } from "../../src/chain/source.js";
import { Exchange__factory } from "../../types/ethers-contracts/factories/Exchange__factory.js";
import { Intents__factory } from "../../types/ethers-contracts/factories/Intents__factory.js";
import { LedgerAccess__factory } from "../../types/ethers-contracts/factories/LedgerAccess__factory.js";
import { Participants__factory } from "../../types/ethers-contracts/factories/Participants__factory.js";
import { Registry__factory } from "../../types/ethers-contracts/factories/Registry__factory.js";
import { Retirements__factory } from "../../types/ethers-contracts/factories/Retirements__factory.js";
import { SettlementCash__factory } from "../../types/ethers-contracts/factories/SettlementCash__factory.js";
import { Units__factory } from "../../types/ethers-contracts/factories/Units__factory.js";

const INTERFACES: Readonly<Record<LedgerContractName, Interface>> = {
  AccessManager: interfaceOf(LedgerAccess__factory.abi),
  Participants: interfaceOf(Participants__factory.abi),
  Registry: interfaceOf(Registry__factory.abi),
  Units: interfaceOf(Units__factory.abi),
  Retirements: interfaceOf(Retirements__factory.abi),
  Intents: interfaceOf(Intents__factory.abi),
  SettlementCash: interfaceOf(SettlementCash__factory.abi),
  Exchange: interfaceOf(Exchange__factory.abi),
};

/** Addresses of a deployment that exists in tests only. */
export const FAKE_ADDRESSES = Object.fromEntries(
  LEDGER_CONTRACTS.map((name, i) => [name, `0x${String(i + 1).repeat(40)}`]),
) as unknown as LedgerAddresses;

/** A log before it is in a block. */
export interface FakeLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** An event as the contract would emit it. */
export function fakeLog(contract: LedgerContractName, name: string, args: readonly unknown[]): FakeLog {
  const { topics, data } = INTERFACES[contract].encodeEventLog(name, [...args]);
  return { address: FAKE_ADDRESSES[contract], topics, data };
}

interface FakeBlock {
  readonly header: BlockHeader;
  readonly logs: readonly RawLog[];
}

/** A chain whose every block the test writes, and can take back. Block 0 is empty. */
export class FakeChain implements ChainSource {
  /** Set it to make every call fail. */
  failure: Error | null = null;
  /** Calls of `head` so far. */
  looks = 0;
  readonly #name: string;
  readonly #secondsPerBlock: bigint;
  #blocks: FakeBlock[] = [];
  #salt = 0;

  /** `secondsPerBlock`: between the times of two blocks. */
  constructor(name = "chain", secondsPerBlock = 1n) {
    this.#name = name;
    this.#secondsPerBlock = secondsPerBlock;
    this.mine();
  }

  /** Adds a block with one transaction per list of logs. */
  mine(...transactions: (readonly FakeLog[])[]): BlockHeader {
    const parent = this.#blocks.at(-1)?.header;
    const number = BigInt(this.#blocks.length);
    const hash = id(`${this.#name} ${number} ${this.#salt++}`);
    const parentHash = parent?.hash ?? keccak256("0x");
    const header: BlockHeader = {
      number,
      hash,
      parentHash,
      timestamp: 1_767_225_600n + number * this.#secondsPerBlock,
    };
    let logIndex = 0;
    const logs = transactions.flatMap((list, i) => {
      const txHash = keccak256(toUtf8Bytes(`${hash} ${i}`));
      return list.map((log): RawLog => ({
        ...log,
        blockNumber: number,
        blockHash: hash,
        logIndex: logIndex++,
        txHash,
      }));
    });
    this.#blocks.push({ header, logs });
    return header;
  }

  /** Takes the last blocks back. */
  drop(count: number): void {
    this.#blocks = this.#blocks.slice(0, this.#blocks.length - count);
  }

  async head(): Promise<BlockHeader> {
    this.looks++;
    return this.#block(BigInt(this.#blocks.length - 1)).header;
  }

  async headers(from: bigint, to: bigint): Promise<BlockHeader[]> {
    return this.#range(from, to).map(({ header }) => header);
  }

  async logs(from: bigint, to: bigint, addresses: readonly string[]): Promise<RawLog[]> {
    return this.#range(from, to).flatMap(({ logs }) => logs.filter(({ address }) => addresses.includes(address)));
  }

  #range(from: bigint, to: bigint): FakeBlock[] {
    const blocks: FakeBlock[] = [];
    for (let number = from; number <= to; number++) blocks.push(this.#block(number));
    return blocks;
  }

  #block(number: bigint): FakeBlock {
    if (this.failure !== null) throw this.failure;
    const block = this.#blocks[Number(number)];
    if (block === undefined) throw new BlockMissingError(number);
    return block;
  }
}

/** A made-up account. */
export function fakeAccount(n: number): string {
  return toBeHex(BigInt(n) + 0xa000n, 20);
}

function interfaceOf(abi: InterfaceAbi): Interface {
  return new Interface(abi);
}
