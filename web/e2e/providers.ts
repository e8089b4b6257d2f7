import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

/**
 * Whom people sign in with in these tests: a real OpenID provider and a server shaped like GitHub. They live on 127.0.0.1
 * and we on localhost, so to the browser they are other sites.
 */
export async function startProviders(
  ourUrl: string,
): Promise<{ env: Record<string, string>; stop: () => void }> {
  const openid = await listening(createServer());
  const issuer = addressOf(openid);
  const client = { client_id: "devsanctum", client_secret: "a secret of the end-to-end tests" };
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: [`${ourUrl}/api/v1/auth/oauth/oidc/callback`] }],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    cookies: { keys: ["of the end-to-end tests"] },
    pkce: { required: () => true },
    // Whatever name is typed on its sign-in page is a person there.
    findAccount: (_, sub) => ({
      accountId: sub,
      claims: () => ({
        sub,
        email: `${sub}@example.org`,
        email_verified: sub !== "unverified",
        preferred_username: sub,
      }),
    }),
  });
  openid.on("request", provider.callback());

  const github = await listening(createServer());
  const githubUrl = addressOf(github);
  github.on("request", (request, response) => {
    const url = new URL(request.url ?? "/", githubUrl);
    const json = (body: unknown) => {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify(body));
    };
    switch (url.pathname) {
      case "/login/oauth/authorize": {
        const back = new URL(url.searchParams.get("redirect_uri") ?? "");
        back.searchParams.set("code", "a-code");
        back.searchParams.set("state", url.searchParams.get("state") ?? "");
        response.setHeader("content-type", "text/html");
        return response.end(
          `<!doctype html><title>Authorize</title><a href="${back.href.replaceAll("&", "&amp;")}">Authorize</a>`,
        );
      }
      case "/login/oauth/access_token":
        return json({ access_token: "gho_e2e", token_type: "bearer", scope: "read:user,user:email" });
      case "/user":
        return json({ id: 42, login: "octo-cat", name: null });
      case "/user/emails":
        return json([{ email: "octo-cat@example.org", primary: true, verified: true, visibility: null }]);
      default:
        response.statusCode = 404;
        return response.end();
    }
  });

  return {
    env: {
      DEVSANCTUM_OIDC_ISSUER: issuer,
      DEVSANCTUM_OIDC_CLIENT_ID: client.client_id,
      DEVSANCTUM_OIDC_CLIENT_SECRET: client.client_secret,
      DEVSANCTUM_OIDC_NAME: "Company",
      DEVSANCTUM_GITHUB_CLIENT_ID: "devsanctum",
      DEVSANCTUM_GITHUB_CLIENT_SECRET: "another secret of the end-to-end tests",
      DEVSANCTUM_GITHUB_URL: githubUrl,
      DEVSANCTUM_GITHUB_API_URL: githubUrl,
    },
    stop: () => {
      for (const server of [openid, github]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

async function listening(server: Server): Promise<Server> {
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
