import { Component, type ComponentChildren } from "preact";
import { Button } from "../components/Button";
import { EmptyState } from "../components/EmptyState";

/** Keeps a mistake in one page from taking the frame along. */
export class PageBoundary extends Component<{ children: ComponentChildren }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  override componentDidCatch(error: unknown): void {
    this.setState({ error: error instanceof Error ? error : new Error(String(error)) });
    reportError(error);
  }

  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <EmptyState icon="help" title="This page has a fault" text={<code>{this.state.error.message}</code>}>
        <Button label="Show it again" onClick={() => this.setState({ error: null })} />
      </EmptyState>
    );
  }
}
