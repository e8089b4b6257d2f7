import type { Template, TemplateComponent } from "../src/api/types.ts";
import { ago, id } from "./basics.ts";

type Sketch = Pick<Template, "name" | "display_name" | "description" | "icon" | "tags"> &
  Partial<Pick<Template, "parameters" | "readme">> & {
    parts: [string, TemplateComponent["type"], number | null, string?][];
  };

function template(orgId: string | null, sketch: Sketch): Template {
  const { parts, parameters = [], readme = null, ...facts } = sketch;
  return {
    ...facts,
    id: id(),
    org_id: orgId,
    source_kind: orgId ? "manifest" : "catalog",
    active_version: orgId ? 2 : 1,
    parameters,
    components: parts.map(([name, type, port, image]) => ({
      name,
      type,
      port,
      image: image ?? null,
      path: null,
      visibility: type === "frontend" ? "public" : "private",
      depends_on: [],
    })),
    readme,
    created_at: ago(60 * 24 * 20),
    updated_at: ago(60 * 30),
  };
}

const size = {
  name: "size",
  type: "string" as const,
  description: "How much the workspace may use.",
  default: "small",
  options: ["small", "medium", "large"],
  regex: null,
  min: null,
  max: null,
  mutable: true,
  required: false,
};

export function templates(orgId: string): Template[] {
  return [
    template(null, {
      name: "hello",
      display_name: "Hello",
      description:
        "The smallest workspace there is: one page that says it is alive. Needs nothing from outside.",
      icon: "door-open",
      tags: ["demo", "offline"],
      parts: [["web", "frontend", 8080]],
      readme: "# Hello\n\nOne container with a placeholder page. Use it to see that everything works.",
    }),
    template(null, {
      name: "shop",
      display_name: "Shop",
      description:
        "Shop front, API and PostgreSQL, wired together: a three-component application to build on.",
      icon: "shopping-cart",
      tags: ["demo", "web", "postgres"],
      parts: [
        ["web-ui", "frontend", 3000],
        ["api-server", "backend", 8080],
        ["database", "database", 5432],
      ],
      parameters: [
        size,
        {
          ...size,
          name: "items",
          type: "number",
          description: "Articles to fill the shop with.",
          default: 50,
          options: [],
          min: 1,
          max: 500,
        },
        {
          ...size,
          name: "seed",
          type: "bool",
          description: "Start with sample orders.",
          default: true,
          options: [],
        },
        {
          ...size,
          name: "title",
          description: "Name above the door.",
          default: null,
          options: [],
          required: true,
          regex: "^[A-Z].*$",
          mutable: false,
        },
        {
          ...size,
          name: "currencies",
          type: "list",
          description: "Three letters each.",
          default: ["EUR"],
          options: [],
        },
      ],
      readme:
        "# Shop\n\nA front end in Node, an API in Python and PostgreSQL.\n\n- The API waits for the database to be healthy.\n- Credentials arrive as `DATABASE_URL`.",
    }),
    template(null, {
      name: "code",
      display_name: "Code in the browser",
      description:
        "Debian with git, Python and Node, and an editor in the browser. Your home directory stays.",
      icon: "code",
      tags: ["ide", "python", "node"],
      parts: [["workspace", "workspace", 8080, "codercom/code-server:latest"]],
      parameters: [size],
    }),
    template(null, {
      name: "jupyter",
      display_name: "Jupyter",
      description: "JupyterLab with the scientific Python stack, ready for notebooks.",
      icon: "notebook",
      tags: ["python", "data"],
      parts: [["workspace", "workspace", 8888, "jupyter/scipy-notebook:latest"]],
    }),
    template(orgId, {
      name: "billing",
      display_name: "Billing service",
      description: "Our billing API with its worker and database, as production runs it.",
      icon: "receipt",
      tags: ["internal"],
      parts: [
        ["api", "backend", 8080, "registry.example.org/billing:4.2"],
        ["worker", "worker", null, "registry.example.org/billing:4.2"],
        ["database", "database", 5432],
      ],
      parameters: [size],
    }),
  ];
}
