// What the host of an SDK for React does, in a page (../README.md): whatever it answers was rendered by a component that read the
// flag by the SDK's hook. Evaluations are counted, so each question is one rendering: providers are not rendered again for it, since
// with them everybody below who reads a flag is.
import { createElement, memo, useEffect, useReducer } from "react";
import { createRoot } from "react-dom/client";

// `open` starts the SDK and gives its provider; `be` tells it another context; below the provider `useIsReady` has the SDK's own
// word on how it is, and `useDetail` reads a flag.
export function reactHost({ open, be, useIsReady, useDetail, flush }, say) {
  const root = createRoot(document.body.appendChild(document.createElement("main")));
  let starts = 0;
  let render;
  let present;
  let questions = 0;
  let question;
  let watched;

  const Started = memo(() => {
    const ok = useIsReady();
    useEffect(() => void say({ is: "started", ok }), []);
  });

  const Question = memo(({ flag, fallback }) => {
    const detail = useDetail(flag, fallback);
    useEffect(() => {
      say({ is: "value", value: detail.value, variationIndex: detail.variationIndex, reason: detail.reason });
      // Gone once it is answered: else it would ask again when the flag changes.
      question = undefined;
      render();
    }, []);
    return String(detail.value);
  });

  const Watched = memo(({ flag, fallback }) => {
    const { value } = useDetail(flag, fallback);
    useEffect(() => {
      say(watched.seen ? { is: "changed", value } : { is: "watching" });
      watched.seen = true;
    }, [value]);
    return String(value);
  });

  function Page() {
    [, render] = useReducer((turn) => turn + 1, 0);
    const children = [createElement(Started, { key: "started" })];
    if (watched) children.push(createElement(Watched, { key: "watched", flag: watched.flag, fallback: watched.fallback }));
    if (question) children.push(createElement(Question, question));
    return children;
  }

  async function become(context) {
    if (JSON.stringify(context) === JSON.stringify(present)) return;
    await be(context);
    present = context;
  }

  return {
    async start({ url, sdkKey, context, ...options }) {
      present = context;
      const provider = await open(url, sdkKey, context, options);
      watched = undefined;
      root.render(createElement(provider, { key: (starts += 1) }, createElement(Page)));
    },
    async evaluate({ flag, context, default: fallback }) {
      await become(context);
      question = { key: `question-${(questions += 1)}`, flag, fallback };
      render();
    },
    async watch({ flag, context, default: fallback }) {
      await become(context);
      watched = { flag, fallback };
      render();
    },
    async flush() {
      await flush();
      say({ is: "flushed" });
    },
  };
}
