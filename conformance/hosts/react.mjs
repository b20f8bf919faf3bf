// A page by React around an SDK of its own, unmodified, in Chromium (../lib/page.mjs): React comes to browsers bundled.
import { build } from "esbuild";
import { hostInPage } from "../lib/page.mjs";

const { outputFiles } = await build({
  entryPoints: [new URL(`page-react-${process.argv[2]}.mjs`, import.meta.url).pathname],
  bundle: true,
  format: "esm",
  define: { "process.env.NODE_ENV": '"production"' },
  write: false,
});
await hostInPage({ "/page.mjs": Buffer.from(outputFiles[0].contents) });
