"""Receiving telemetry by the OpenTelemetry protocol: over HTTP (protobuf and JSON) and gRPC, on one port."""
