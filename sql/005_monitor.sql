-- The monitor clerk: it reads every chain and writes its own, and has nothing else here.

select bulkhead.writer('monitor');
reset role;

-- Its pages are filtered in many ways: a plan made for the filters at hand beats one made for all of them.
alter role "bulkhead-monitor" set plan_cache_mode = force_custom_plan;
