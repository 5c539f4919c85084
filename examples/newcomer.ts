/** First steps of a firm with its own key: pass units on, retire some, and get the certificate's link. */
import { env, stdout } from "node:process";
import { createClient, createFirm } from "carbon-ledger/client";

const client = createClient({ baseUrl: env["CARBON_URL"] ?? "http://127.0.0.1:3000" });
const firm = createFirm({ client, privateKey: env["FIRM_KEY"] ?? "" });
const [batch = "", recipient = ""] = process.argv.slice(2);

const transfer = await firm.transfer({ to: recipient, batch, tonnes: 10n });
const passedOn = await client.operations.settle(transfer);
stdout.write(`Passed on in block ${passedOn.blockNumber}\n`);

const retirement = await firm.retire({ batch, tonnes: 5n, purpose: "voluntary", beneficiary: "Newcomer Ltd" });
const { result } = await client.operations.settle(retirement);
const certificate = await client.retirements.certificate(result.retirementId);
stdout.write(`${certificate.name}: ${certificate.external_url}\n`);
