"""The measurement state machine of an AnalysisRun, as Argo Rollouts has it: what is due, what it counts for, what it comes to.

A pass over a run is, in this order:

    known = definition.read(spec)                              # Invalid: status = assessment.refused(text)
    for task in schedule.due(known, status, now): …            # take, resume or end a measurement (I/O, elsewhere)
        status = counting.recorded(known, status, task.metric.name, measurement)
    status = assessment.assessed(known, status, now)
    at = schedule.next_look(known, status, now)                # when to begin the next pass

The status that is stored is all the state there is. Moments are passed in, in UTC. Nothing here raises for what a schema
admits but `definition.read`, `arguments.resolved` and `merging.merged`, which say so.
"""
