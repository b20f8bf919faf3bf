// What the host of a client-side SDK does, in Node or in a page (../README.md). The SDK holds one context: another is told to it
// first. `valueOf` reads a flag after its change was told, without counting as an evaluation.
export function clientHost(open, valueOf, say) {
  let client;
  let present;

  async function be(context) {
    if (JSON.stringify(context) === JSON.stringify(present)) return;
    await client.identify(context);
    present = context;
  }

  return {
    async start({ url, sdkKey, context, ...options }) {
      present = context;
      client = await open(url, sdkKey, context, options);
      say({ is: "started", ok: Boolean(client) });
    },
    async evaluate({ flag, context, default: fallback }) {
      await be(context);
      const detail = client.variationDetail(flag, fallback);
      say({ is: "value", value: detail.value, variationIndex: detail.variationIndex, reason: detail.reason });
    },
    async watch({ flag, context, default: fallback }) {
      await be(context);
      let last = client.variation(flag, fallback);
      client.on(`change:${flag}`, (told) => {
        const value = valueOf(client, flag, told);
        if (value !== last) say({ is: "changed", value: (last = value) });
      });
      say({ is: "watching" });
    },
    async track({ event, context }) {
      await be(context);
      client.track(event);
      say({ is: "tracked" });
    },
    async flush() {
      await client.flush();
      say({ is: "flushed" });
    },
  };
}
