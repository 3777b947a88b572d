import { expect, test } from "vitest";
import { addressesOf } from "./addresses";

const endpoint = (address: string, seen_from: "host" | "container", note = "", name = "tcp") => ({
  name,
  address,
  seen_from,
  note,
});

test("an endpoint that a link leads to is told once, with its note", () => {
  const urls = [{ name: "tcp", url: "redis://localhost:6379" }];
  const endpoints = [endpoint("localhost:6379", "host", "internal"), endpoint("cache:6379", "container")];
  expect(addressesOf({ urls, endpoints })).toEqual([
    { name: "tcp", address: "redis://localhost:6379", note: "internal" },
    { name: "from containers", address: "cache:6379", note: "" },
  ]);
});

test("of several endpoints each says which it is", () => {
  const endpoints = [endpoint("a:1", "container", "", "http"), endpoint("a:2", "container", "", "grpc")];
  expect(addressesOf({ urls: [], endpoints }).map(({ name }) => name)).toEqual([
    "http from containers",
    "grpc from containers",
  ]);
});
