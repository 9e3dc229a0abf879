"""What invokes functions: queues, schedules, and the recorded events under events/."""
