// What went wrong and what to do about it, in the machine's own words.
import { Problem } from "./http";
import { Icon } from "./icons";
import { known, label, say, told, word } from "./texts";

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  const { detail, next, role, request, errors = [] } = problem.problem;
  const kind = `problem.${problem.kind}`;
  return (
    <div class="trouble" role="alert">
      <Icon name="alert" />
      <div>
        <p class="trouble-title">{known(kind) ? say(kind) : told(problem.problem.title)}</p>
        {errors.some((one) => detail.endsWith(one.message)) || <p>{told(detail)}</p>}
        {errors.map((one) => <p key={one.field}>{known(`field.${one.field}`) ? label(one.field) : <code>{one.field}</code>}: {told(one.message)}</p>)}
        {role !== undefined && <p>{say("role.needed", { role: word(role) })}</p>}
        {next !== undefined && <p class="quiet">{told(next)}</p>}
        {request !== undefined && <p class="quiet small">{say("request", { id: request })}</p>}
        {again !== undefined && <button type="button" onClick={again}>{say("again")}</button>}
      </div>
    </div>
  );
}
