import { type Server, startServer } from "../commands.js";
import type { Trained } from "../train.js";
import { openPage } from "./pages.js";
import type { Place, Project } from "./place.js";
import { MAIN_THREAD, PAGE } from "./programs.js";

const EXTERNAL = 'serverExternalPackages: ["layerwise"] in next.config';
const IMPORT_INLINE = 'import … from "layerwise/inline"';

/** What a server that is started so answers at a path, as JSON. */
async function ask(project: Project, start: Started, path: string): Promise<Trained[]> {
  return withServer(project, start, async ({ origin, said }) => {
    const response = await fetch(origin + path);
    const text = await response.text();
    const json =
      text.match(/<pre>(.*?)<\/pre>/)?.[1]?.replaceAll("&quot;", '"') ?? text.match(/\[\{.*\}\]/s)?.[0];
    if (!response.ok || json === undefined)
      throw new Error(`${path}: ${response.status} ${text.slice(0, 2000)} ${said()}`);
    return JSON.parse(json);
  });
}

interface Started {
  readonly args: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
}

async function withServer<Result>(
  project: Project,
  { args, variables }: Started,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(process.execPath, args, project.folder, variables);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

/** The trainings of the program, as an expression in a module that imports its parts from `train`'s folder. */
const both = (prefix: string) => `
  import * as layerwise from "layerwise";
  import { trainEach } from "${prefix}train.js";
  const trained = async () => [...(await trainEach(layerwise, 1)), ...(await trainEach(layerwise, 2))];
`;

const NEXT = {
  "next.config.mjs": `
    const headers = [
      { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
      { key: "Cross-Origin-Embedder-Policy", value: "require-corp" },
    ];
    export default {
      serverExternalPackages: ["layerwise"],
      turbopack: { root: import.meta.dirname },
      headers: async () => [{ source: "/:path*", headers }],
    };
  `,
  "app/layout.js": `export default function Layout({ children }) {
    return <html lang="en"><body>{children}</body></html>;
  }`,
  "app/page.js": `${both("../")}
    export const dynamic = "force-dynamic";
    export default async function Page() { return <pre>{JSON.stringify(await trained())}</pre>; }
  `,
  "app/route/route.js": `${both("../../")}
    export const dynamic = "force-dynamic";
    export async function GET() { return Response.json(await trained()); }
  `,
  "app/client/page.js": `"use client";
    import { useEffect } from "react";
    export default function Page() {
      useEffect(() => { import("../../app.js"); }, []);
      return <p>client</p>;
    }
  `,
  "app.js": PAGE["app.js"],
  "app-worker.js": PAGE["app-worker.js"],
  "app/edge/route.js": `
    import * as layerwise from "layerwise/inline";
    import wasm from "layerwise/wasm/layerwise.wasm?module";
    import float64Wasm from "layerwise/wasm/layerwise-float64.wasm?module";
    import { trainEach } from "../../train.js";
    export const runtime = "edge";
    layerwise.configure({ wasm, float64Wasm });
    export async function GET() { return Response.json(await trainEach(layerwise, 2)); }
  `,
};

const NEXT_START: Started = { args: ["node_modules/next/dist/bin/next", "start", "--port", "0"] };

type Compiler = "turbopack" | "webpack";

function next(compiler: Compiler): Place {
  return {
    name: `Next 16, ${compiler}: server component, route handler, client component`,
    packages: "next",
    setUp: EXTERNAL,
    threads: "yes; in the client in workers, where the page is isolated",
    run: async (project) => {
      const { "app/edge/route.js": _, ...files } = NEXT;
      await project.write(files);
      await project.tool("next/dist/bin/next", "build", `--${compiler}`);
      const [page, route] = [await ask(project, NEXT_START, "/"), await ask(project, NEXT_START, "/route")];
      const client = await withServer(project, NEXT_START, async ({ origin }) =>
        openPage(await project.browser(), `${origin}/client`),
      );
      return { trained: [...page, ...route, ...client] };
    },
  };
}

function nextEdge(compiler: Compiler): Place {
  return {
    name: `Next 16, ${compiler}: edge route`,
    packages: "next",
    // From "layerwise" the build takes all six .wasm files, and compiles them: in Node 20 it fails at those of fast math.
    setUp: `${IMPORT_INLINE}; import wasm from "layerwise/wasm/layerwise.wasm?module"; configure({ wasm })`,
    threads: "no: there are no workers",
    run: async (project) => {
      await project.write(NEXT);
      await project.tool("next/dist/bin/next", "build", `--${compiler}`);
      return { trained: await ask(project, NEXT_START, "/edge") };
    },
  };
}

const COMPILERS: readonly Compiler[] = ["turbopack", "webpack"];
// Webpack's build of an edge route fails in Next 16.4.6 without this package too.
const nexts = [...COMPILERS.map(next), nextEdge("turbopack")];

const SVELTEKIT = {
  "svelte.config.js": `
    import adapter from "@sveltejs/adapter-node";
    export default { kit: { adapter: adapter() } };
  `,
  "vite.config.js": `
    import { sveltekit } from "@sveltejs/kit/vite";
    export default { plugins: [sveltekit()] };
  `,
  "src/app.html": "<!doctype html><html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
  "src/routes/+page.svelte": `
    <script>import { onMount } from "svelte"; onMount(() => import("../../main.js"));</script>
  `,
  "main.js": MAIN_THREAD,
};

async function svelteKit(project: Project, server: string) {
  await project.write({
    ...SVELTEKIT,
    "src/routes/route/+server.js": `${server}
      export const prerender = false;
      export async function GET() { return Response.json(await trained()); }`,
  });
  await project.tool("vite/bin/vite.js", "build", "--logLevel", "warn");
  return { args: ["build/index.js"], variables: { PORT: "0", HOST: "127.0.0.1" } };
}

const inlined = (text: string) => text.replace('"layerwise"', '"layerwise/inline"');

const others: readonly Place[] = [
  {
    name: "SvelteKit 2, adapter-node, server, layerwise among the dependencies",
    packages: "sveltekit",
    threads: "yes",
    run: async (project) => ({
      trained: await ask(project, await svelteKit(project, both("../../../")), "/route"),
    }),
  },
  {
    name: "SvelteKit 2, adapter-node, server, as a devDependency",
    packages: "sveltekit",
    setUp: IMPORT_INLINE,
    threads: "no: the script holds one build",
    run: async (project) => {
      const manifest = { name: "app", private: true, type: "module", devDependencies: { layerwise: "*" } };
      await project.write({ "package.json": JSON.stringify(manifest) });
      return { trained: await ask(project, await svelteKit(project, inlined(both("../../../"))), "/route") };
    },
  },
  {
    name: "SvelteKit 2, page",
    packages: "sveltekit",
    threads: "in workers, where the page is isolated",
    run: async (project) => {
      const started = await svelteKit(project, both("../../../"));
      const trained = await withServer(project, started, async ({ origin }) =>
        openPage(await project.browser(), origin),
      );
      return { trained };
    },
  },
  {
    name: "Nitro 2 (Nuxt's server)",
    packages: "nitro",
    setUp: IMPORT_INLINE,
    threads: "no: the script holds one build",
    run: async (project) => {
      await project.write({
        "nitro.config.js": 'export default { compatibilityDate: "2025-01-01", srcDir: "server" };',
        "server/routes/route.js": `${inlined(both("../../"))}
          export default eventHandler(() => trained());`,
      });
      await project.tool("nitropack/dist/cli/index.mjs", "build");
      const started = { args: [".output/server/index.mjs"], variables: { PORT: "0", HOST: "127.0.0.1" } };
      return { trained: await ask(project, started, "/route") };
    },
  },
  {
    name: "Astro 5, server and page",
    packages: "astro",
    threads: "yes",
    run: async (project) => {
      await project.write({
        "astro.config.mjs": `
          import node from "@astrojs/node";
          export default { output: "server", adapter: node({ mode: "standalone" }) };
        `,
        "src/pages/route.js": `${both("../../")}
          export async function GET() { return Response.json(await trained()); }`,
        "src/pages/index.astro":
          '<html lang="en"><body><script>import "../../main.js";</script></body></html>',
        "main.js": MAIN_THREAD,
      });
      await project.tool("astro/astro.js", "build");
      const started = { args: ["dist/server/entry.mjs"], variables: { PORT: "0", HOST: "127.0.0.1" } };
      const server = await ask(project, started, "/route");
      const page = await withServer(project, started, async ({ origin }) =>
        openPage(await project.browser(), origin),
      );
      return { trained: [...server, ...page] };
    },
  },
  {
    name: "React Router 7 (Remix), server and page",
    packages: "react-router",
    threads: "yes",
    run: async (project) => {
      await project.write({
        "react-router.config.js": "export default { ssr: true };",
        "vite.config.js": `
          import { reactRouter } from "@react-router/dev/vite";
          export default { plugins: [reactRouter()] };
        `,
        "app/routes.js": `
          import { index, route } from "@react-router/dev/routes";
          export default [index("home.jsx"), route("route", "route.js")];
        `,
        "app/root.jsx": `
          import { Outlet, Scripts } from "react-router";
          export default function Root() { return <html lang="en"><body><Outlet /><Scripts /></body></html>; }
        `,
        "app/route.js": `${both("../")}
          export async function loader() { return Response.json(await trained()); }`,
        "app/home.jsx": `
          import { useEffect } from "react";
          export default function Home() { useEffect(() => { import("../main.js"); }, []); return <p>home</p>; }
        `,
        "main.js": MAIN_THREAD,
      });
      await project.tool("@react-router/dev/bin.js", "build");
      const port = String(40_000 + (process.pid % 10_000));
      const started = {
        args: ["node_modules/@react-router/serve/bin.js", "build/server/index.js"],
        variables: { PORT: port, HOST: "127.0.0.1", NODE_ENV: "production" },
      };
      const server = await ask(project, started, "/route");
      const page = await withServer(project, started, async ({ origin }) =>
        openPage(await project.browser(), origin),
      );
      return { trained: [...server, ...page] };
    },
  },
];

export const frameworks: readonly Place[] = [...nexts, ...others];
