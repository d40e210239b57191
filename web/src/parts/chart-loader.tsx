// Charts come in a file of their own, when the first one is to be seen.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { PartProps } from "../parts";
import { say } from "../texts";

export function lazyChart(props: PartProps) {
  const [Chart, setChart] = useState<ComponentType<PartProps>>();
  useEffect(() => {
    void import("./chart").then((file) => setChart(() => file.Chart));
  }, []);
  return Chart === undefined ? <p class="quiet">{say("loading")}</p> : <Chart {...props} />;
}
