import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { Menu } from "../components/overlays/Menu";
import { Toasts } from "../components/overlays/Toasts";
import ConsolePage from "../pages/console";
import LogsPage from "../pages/logs";
import ParametersPage from "../pages/parameters";
import ResourcesPage from "../pages/resources";
import { overlay } from "../state/overlays";
import type { PageName } from "../state/place/pages";
import { followLink, route } from "../state/place/route";
import { keepScope } from "../state/place/scope";
import { CauseAnnouncer } from "./CauseAnnouncer";
import { CommandDialog } from "./CommandDialog";
import { Gone } from "./Gone";
import { Header } from "./Header";
import { KeyHelp } from "./KeyHelp";
import { lazyPage } from "./lazyPage";
import { Notifications } from "./Notifications";
import { PageBoundary } from "./PageBoundary";
import { PageFrame } from "./PageFrame";
import { Palette } from "./Palette";
import { Settings } from "./Settings";
import { TabBar } from "./TabBar";

const PAGES: Record<PageName, ComponentType> = {
  resources: ResourcesPage,
  graph: lazyPage(() => import("../pages/graph")),
  console: ConsolePage,
  logs: LogsPage,
  traces: lazyPage(() => import("../pages/traces")),
  metrics: lazyPage(() => import("../pages/metrics")),
  parameters: ParametersPage,
  cluster: lazyPage(() => import("../pages/cluster")),
};

function NoPage() {
  return (
    <PageFrame title="Not found" heading="Not found">
      <Gone
        icon="resources"
        what="page at this address"
        text="The link may be of another version of Fairlead."
        label="All resources"
        href="/resources"
      />
    </PageFrame>
  );
}

function Overlays() {
  switch (overlay.value) {
    case "palette":
      return <Palette />;
    case "keys":
      return <KeyHelp />;
    case "settings":
      return <Settings />;
    case "notifications":
      return <Notifications />;
    default:
      return null;
  }
}

/** The whole of the page. */
export function App() {
  const { page } = route.value;
  const Page = page === null ? NoPage : PAGES[page];
  useEffect(keepScope, [page]);
  useEffect(() => {
    document.addEventListener("click", followLink);
    return () => document.removeEventListener("click", followLink);
  }, []);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <Header />
      <PageBoundary key={page ?? "none"}>
        <Page />
      </PageBoundary>
      <TabBar />
      <Overlays />
      <Menu />
      <CommandDialog />
      <CauseAnnouncer />
      <Toasts />
    </>
  );
}
