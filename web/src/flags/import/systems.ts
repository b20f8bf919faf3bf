// The systems that flags come from: what each is asked with, and what it answers.
import type { System } from "./source";

type Words = {
  name: string;
  /** The key that the server asks with. */
  key: { field: "sdkKey" | "token"; way: string; label: string; description: string; placeholder: string };
  url: { description: string; placeholder: string; required: boolean };
  /** What a file of it holds. */
  file: string;
};

export const SYSTEMS: Record<System, Words> = {
  launchDarkly: {
    name: "LaunchDarkly",
    key: {
      field: "sdkKey",
      way: "By SDK key",
      label: "SDK key",
      description: "For servers, of the environment there. It is used once and not kept.",
      placeholder: "sdk-…",
    },
    url: {
      description: "LaunchDarkly’s own if empty.",
      placeholder: "https://sdk.launchdarkly.com",
      required: false,
    },
    file: "What /sdk/latest-all answers, as JSON.",
  },
  unleash: {
    name: "Unleash",
    key: {
      field: "token",
      way: "By client token",
      label: "Client token",
      description: "For backends, of the environment there. It is used once and not kept.",
      placeholder: "*:production.…",
    },
    url: {
      description: "Of Unleash, its proxy or its Edge.",
      placeholder: "https://unleash.example.com/api",
      required: true,
    },
    file: "What /api/client/features answers, or an export, as JSON.",
  },
};
