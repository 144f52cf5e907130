"""Legal deadlines: started and stopped by what happens, moved only as the law allows, judged by the clock."""

from compliance.services.clocks.judging import judge_clocks, warn_of_clocks
from compliance.services.clocks.moving import extend_clock, restart_clock
from compliance.services.clocks.starting import Start, start_clock, start_clocks
from compliance.services.clocks.stopping import Stop, settle_clocks, stop_clock, stop_clocks

__all__ = [
    "Start",
    "Stop",
    "extend_clock",
    "judge_clocks",
    "restart_clock",
    "settle_clocks",
    "start_clock",
    "start_clocks",
    "stop_clock",
    "stop_clocks",
    "warn_of_clocks",
]
