"""Where commands write to: styled lines that fit the terminal, or JSON."""
