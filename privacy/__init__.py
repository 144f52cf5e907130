"""Personal data: who saw it, who agreed to what, who asked for it, how long it is kept, how it is locked."""
