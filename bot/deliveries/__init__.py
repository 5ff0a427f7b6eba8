"""What Slack's answers to a delivery mean, and how its history tells what became of one."""
