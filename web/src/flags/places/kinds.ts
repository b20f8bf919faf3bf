// The sorts of keys, in words.
import type { KeyKind } from "../queries/places";

export const KINDS: { kind: KeyKind; name: string; what: string }[] = [
  { kind: "sdk", name: "SDK key", what: "For servers. It sees everything: keep it secret." },
  { kind: "mobile", name: "Mobile key", what: "For apps. It sees the flags that are open to apps." },
  {
    kind: "clientSide",
    name: "Client-side id",
    what: "For browsers. It stands in pages, so it is no secret.",
  },
];

export function keyName(kind: KeyKind): string {
  return KINDS.find((one) => one.kind === kind)?.name ?? kind;
}
