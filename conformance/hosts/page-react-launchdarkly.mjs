// In the page: LaunchDarkly's SDK for React.
import { asyncWithLDProvider, useLDClient, useLDClientError } from "launchdarkly-react-client-sdk";
import { reactHost } from "../lib/react.mjs";

let client;

function open(url, clientSideID, context, options) {
  const addresses = { baseUrl: url, streamUrl: url, eventsUrl: url };
  return asyncWithLDProvider({
    clientSideID,
    context,
    timeout: 5,
    options: { ...addresses, evaluationReasons: true, ...options },
  });
}

function useIsReady() {
  client = useLDClient();
  return !useLDClientError();
}

export const host = reactHost(
  {
    open,
    be: (context) => client.identify(context),
    useIsReady,
    useDetail: (flag, fallback) => useLDClient().variationDetail(flag, fallback),
    flush: () => client.flush(),
  },
  window.say,
);
