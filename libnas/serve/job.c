/* nas.job, as every clerk serves it: bound to the one engine of this process.
 * Rights: clerks; see state/job.c. */
#include "state/job.h"

#include "nas_job.h"
#include "serve/clerk.h"

void nas_job_list_jobs(struct call *call, const struct nas_job_list_jobs_in *in)
{
        (void)in; /* the limit is read again with every difference of a watch */
        jobs_list(clerk.changes, call);
}

void nas_job_get_job(struct call *call, const struct nas_job_get_job_in *in)
{
        jobs_show(clerk.changes, call, in->id);
}

void nas_job_abort_job(struct call *call, const struct nas_job_abort_job_in *in)
{
        jobs_abort(clerk.changes, call, in->id);
}
