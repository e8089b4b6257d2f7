// Makes a workspace that runs over the REST API and prints its id.
// SERVER_URL, LOGIN and PASSWORD come from the environment.

import { failure, settled, signIn } from "./lib/api.mjs";

const { SERVER_URL, LOGIN, PASSWORD } = process.env;
const api = await signIn(SERVER_URL, LOGIN, PASSWORD);
const org = (await api.get("/me")).organizations[0].slug;
const asked = await api.post(
  `/orgs/${org}/workspaces`,
  { name: "lighthouse", template: "hello" },
  { Prefer: "wait=60" },
);
const workspace = await settled(api, asked, 120);
if (workspace.status !== "running") {
  console.error(
    [`the workspace is ${workspace.status}.`, ...(await failure(api, workspace))].join("\n       "),
  );
  process.exit(1);
}
console.log(workspace.id);
