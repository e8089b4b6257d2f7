/** Where a person who has never seen a manifest begins. */
export const exampleManifest = `appName: My application
slug: my-application
description: A front end that talks to an API, and the API to a database
tags: [demo]

components:
  - name: web
    type: frontend
    port: 3000
    env:
      API_URL: \${component.api.url}
    depends_on: [api]

  - name: api
    type: backend
    port: 8080
    depends_on: [database]

  - name: database
    type: database
    port: 5432
`;
