// The renderer: it draws what the machine says and knows no rule of its own.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { problemOf, type Problem } from "./http";
import { Notices } from "./overlay";
import { arrive, Door, ready } from "./session";
import { role } from "./route";
import { Shell } from "./shell";
import { readTexts, say } from "./texts";
import { Trouble } from "./trouble";
import "uplot/dist/uPlot.min.css";
import "./style/base.css";
import "./style/shell.css";
import "./style/parts.css";
import "./style/forms.css";

function App() {
  const [problem, setProblem] = useState<Problem>();
  const begin = (): void => {
    arrive().then(() => setProblem(undefined), (error: unknown) => {
      setProblem(problemOf(error));
      window.setTimeout(begin, 3000);
    });
  };
  useEffect(begin, []);
  if (problem !== undefined && !ready.value) return <main class="door"><div class="door-card"><h1>{say("unreachable")}</h1><Trouble problem={problem} again={begin} /></div></main>;
  if (!ready.value) return <main class="door" aria-busy="true" />;
  return role.value === "nobody" ? <><Door /><Notices /></> : <Shell />;
}

void readTexts().then(() => render(<App />, document.getElementById("app")!));
