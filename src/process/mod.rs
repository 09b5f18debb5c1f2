//! One child process: its group, stdin, drain, deadline, and end.
