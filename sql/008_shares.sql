-- The shares clerk. What is offered stands in its hand's files, from which the services read it.

select bulkhead.daemon('shares');
