import { getAddress, getCreateAddress } from "ethers";
import hre from "hardhat";
import { describe, expect, it } from "vitest";

import {
  deployLedger,
  DeploymentError,
  type DeploymentOptions,
  type DeploymentProgress,
} from "../../../src/chain/deploy.js";
import { developmentSettings, developmentWallet, developmentWallets } from "../../../src/chain/development.js";
import {
  addressesOf,
  CONTRACT_NAMES,
  type DeploymentSettings,
  ManifestError,
  type ManifestStore,
  memoryManifestStore,
} from "../../../src/chain/manifest.js";
import { ROLES } from "../../../src/chain/roles.js";
import { factories } from "../../../types/ethers-contracts/index.js";

const STEPS = [...CONTRACT_NAMES, "configuration"];
const PHASES = STEPS.flatMap((step) => [`${step} signed`, `${step} done`]);

class Killed extends Error {}

async function freshChain() {
  const { ethers } = await hre.network.create();
  const { provider } = ethers;
  const { deployer } = developmentWallets(provider);
  const store = memoryManifestStore();
  const run = (options: Partial<DeploymentOptions> = {}) =>
    deployLedger({ deployer, provider, store, settings: developmentSettings(), ...options });
  return { provider, deployer, store, run };
}

/** Collects what happened, and dies where told, as a process would. */
function witness(dieAt?: string) {
  const seen: string[] = [];
  const progress = ({ step, phase }: DeploymentProgress) => {
    seen.push(`${step} ${phase}`);
    if (`${step} ${phase}` === dieAt) throw new Killed();
  };
  return { seen, progress };
}

describe("deployLedger", () => {
  describe("given an empty chain", async () => {
    const chain = await freshChain();
    const { seen, progress } = witness();
    const manifest = await chain.run({ progress });
    const access = factories.LedgerAccess__factory.connect(addressesOf(manifest).LedgerAccess, chain.provider);

    it("deploys each contract once, in order, then configures", () => {
      expect(seen).toEqual(PHASES);
    });

    it("writes a manifest that says what is where, and of which chain", async () => {
      expect(manifest).toEqual(await chain.store.read());
      expect(manifest.complete).toBe(true);
      expect(manifest.pending).toBeUndefined();
      expect(manifest.chainId).toBe("31337");
      expect(manifest.genesisHash).toBe((await chain.provider.getBlock(0))!.hash);
      for (const [index, name] of CONTRACT_NAMES.entries()) {
        const { address, txHash, blockNumber } = manifest.contracts[name]!;
        expect(address).toBe(getCreateAddress({ from: manifest.deployer, nonce: index }));
        const receipt = await chain.provider.getTransactionReceipt(txHash);
        expect([receipt!.contractAddress, receipt!.blockNumber]).toEqual([address, blockNumber]);
      }
    });

    it("gives each role to whom the manifest says, with the delay it says", async () => {
      expect(manifest.roles).toHaveLength(11);
      for (const { role, account, delaySeconds } of manifest.roles) {
        const [isMember, delay] = await access.hasRole(ROLES[role], account);
        expect([role, isMember, Number(delay)]).toEqual([role, true, delaySeconds]);
      }
    });

    it("gives nobody else a role", async () => {
      const granted = await access.queryFilter(access.filters.RoleGranted);
      const revoked = await access.queryFilter(access.filters.RoleRevoked);
      const key = (role: bigint, account: string) => `${role} ${getAddress(account)}`;
      const gone = revoked.map(({ args }) => key(args.roleId, args.account));
      const held = granted.map(({ args }) => key(args.roleId, args.account)).filter((grant) => !gone.includes(grant));
      const told = manifest.roles.map(({ role, account }) => key(ROLES[role], account));
      expect(held.sort()).toEqual(told.sort());
      expect(gone).toEqual([key(ROLES.ADMIN, manifest.deployer)]);
    });

    it("lets the guardian cancel enforcement, and labels the roles", async () => {
      expect(await access.getRoleGuardian(ROLES.ENFORCEMENT)).toBe(ROLES.GUARDIAN);
      const labels = await access.queryFilter(access.filters.RoleLabel);
      const named = labels.map(({ args }) => [args.label, args.roleId]);
      expect(named).toEqual(Object.entries(ROLES).filter(([name]) => name !== "ADMIN"));
    });

    it("wires the contracts to each other", async () => {
      for (const name of ["Participants", "Registry", "Units", "Retirements", "SettlementCash", "Exchange"] as const) {
        const contract = factories.Participants__factory.connect(addressesOf(manifest)[name], chain.provider);
        expect(await contract.authority()).toBe(addressesOf(manifest).LedgerAccess);
      }
    });

    it("does nothing when run again, whatever it is asked for then", async () => {
      const before = await chain.provider.getTransactionCount(chain.deployer.address);
      const again = witness();
      const other: DeploymentSettings = { ...developmentSettings(), holders: [] };
      expect(await chain.run({ progress: again.progress, settings: other })).toEqual(manifest);
      expect(again.seen).toEqual(STEPS.map((step) => `${step} present`));
      expect(await chain.provider.getTransactionCount(chain.deployer.address)).toBe(before);
    });
  });

  it.each(PHASES)("resumes after a death at: %s", async (moment) => {
    const chain = await freshChain();
    await expect(chain.run(witness(moment))).rejects.toThrow(Killed);

    const { seen, progress } = witness();
    const manifest = await chain.run({ progress });
    expect(manifest.complete).toBe(true);
    const [step] = moment.split(" ") as [string];
    expect(seen.filter((each) => each.endsWith("present"))).toHaveLength(
      STEPS.indexOf(step) + Number(moment.endsWith("done")),
    );
    expect(await chain.provider.getTransactionCount(chain.deployer.address)).toBe(STEPS.length);
    expect(await chain.provider.getBlockNumber()).toBe(STEPS.length);
  });

  it("resumes when it died after sending and before it knew of the block", async () => {
    const chain = await freshChain();
    const forgetful: ManifestStore = {
      read: () => chain.store.read(),
      async write(manifest) {
        if (manifest.contracts.Registry !== undefined) throw new Killed();
        await chain.store.write(manifest);
      },
    };
    await expect(chain.run({ store: forgetful })).rejects.toThrow(Killed);
    expect(await chain.provider.getTransactionCount(chain.deployer.address)).toBe(3);

    expect((await chain.run()).complete).toBe(true);
    expect(await chain.provider.getTransactionCount(chain.deployer.address)).toBe(STEPS.length);
  });

  it("goes on with the settings that it began with", async () => {
    const chain = await freshChain();
    await expect(chain.run(witness("Units done"))).rejects.toThrow(Killed);
    const manifest = await chain.run({ settings: { ...developmentSettings(), holders: [] } });
    expect(manifest.settings).toEqual(developmentSettings());
    expect(manifest.roles).toHaveLength(11);
  });

  it("keeps the admin when the deployer is to be the admin, with the delay asked for", async () => {
    const chain = await freshChain();
    const admin = { account: chain.deployer.address.toLowerCase(), delaySeconds: 86_400 };
    const manifest = await chain.run({ settings: { ...developmentSettings(), admin } });
    const access = factories.LedgerAccess__factory.connect(addressesOf(manifest).LedgerAccess, chain.provider);
    expect([...(await access.hasRole(ROLES.ADMIN, chain.deployer))]).toEqual([true, 86_400n]);
  });

  it("starts at the deployer's present nonce", async () => {
    const chain = await freshChain();
    await (await chain.deployer.sendTransaction({ to: chain.deployer.address })).wait();
    const manifest = await chain.run();
    expect(manifest.startNonce).toBe(1);
    expect(manifest.complete).toBe(true);
  });

  it("refuses a manifest of another chain", async () => {
    const [here, elsewhere] = await Promise.all([freshChain(), freshChain()]);
    const manifest = await elsewhere.run();
    await here.store.write({ ...manifest, chainId: "1" });
    await expect(here.run()).rejects.toThrow(ManifestError);
    await here.store.write({ ...manifest, genesisHash: `0x${"0".repeat(64)}` });
    await expect(here.run()).rejects.toThrow(/another chain with the id 31337/);
    expect(await here.provider.getBlockNumber()).toBe(0);
  });

  it("refuses a manifest whose contracts are not on the chain", async () => {
    const chain = await freshChain();
    await expect(chain.run(witness("Registry done"))).rejects.toThrow(Killed);
    const manifest = (await chain.store.read())!;
    const empty = await freshChain();
    await empty.store.write({ ...manifest, genesisHash: (await empty.provider.getBlock(0))!.hash! });
    await expect(empty.run()).rejects.toThrow(/LedgerAccess at 0x\w+, but the chain has no contract there/);

    manifest.contracts.Participants!.address = chain.deployer.address;
    await chain.store.write(manifest);
    await expect(chain.run()).rejects.toThrow(/Participants at an address that its deployer and nonce do not give/);
  });

  it("refuses to resume when the deployer did something else meanwhile, or is another", async () => {
    const chain = await freshChain();
    await expect(chain.run(witness("Registry done"))).rejects.toThrow(Killed);
    const stranger = developmentWallet(15, chain.provider);
    await expect(chain.run({ deployer: stranger })).rejects.toThrow(/cannot finish it/);
    await (await chain.deployer.sendTransaction({ to: chain.deployer.address })).wait();
    await expect(chain.run()).rejects.toThrow(/nonce 3, but 0x\w+ is at nonce 4/);
  });

  it("says so when a transaction does not get into a block in time, and goes on later", async () => {
    const chain = await freshChain();
    await chain.provider.send("evm_setAutomine", [false]);
    await expect(chain.run({ timeoutMs: 100 })).rejects.toThrow(/LedgerAccess is not in a block yet/);
    await expect(chain.run({ timeoutMs: 100 })).rejects.toThrow(DeploymentError);
    await chain.provider.send("evm_setAutomine", [true]);
    await chain.provider.send("evm_mine");
    expect((await chain.run()).complete).toBe(true);
  });

  it("says so when the node refuses a transaction", async () => {
    const chain = await freshChain();
    await expect(chain.run(witness("LedgerAccess signed"))).rejects.toThrow(Killed);
    await chain.provider.send("hardhat_setBalance", [chain.deployer.address, "0x0"]);
    await expect(chain.run()).rejects.toThrow(/LedgerAccess was refused by the node/);
  });
});
