// In the page: OpenFeature's SDK for React, with the OFREP provider for the web.
import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, OpenFeatureProvider, ProviderStatus, useBooleanFlagDetails, useOpenFeatureClientStatus } from "@openfeature/react-sdk";
import { reactHost } from "../lib/react.mjs";

const be = ({ key, kind, ...attributes }) => OpenFeature.setContext({ targetingKey: key, kind, ...attributes });

async function open(url, key, context, options) {
  await OpenFeature.clearProviders();
  await be(context);
  const headers = [["Authorization", `Bearer ${key}`]];
  await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl: url, headers, ...options }));
  return OpenFeatureProvider;
}

// What it kept may be old, and is there.
const useIsReady = () => [ProviderStatus.READY, ProviderStatus.STALE].includes(useOpenFeatureClientStatus());
const useDetail = (flag, fallback) => useBooleanFlagDetails(flag, fallback);

export const host = reactHost({ open, be, useIsReady, useDetail }, window.say);
